/**
 * What to do about npm's failure, by the system's word for it in npm's output. Pure.
 *
 * @param {string} output
 * @returns {string}
 */
export function npmRemedy(output) {
  if (/\b(EACCES|EPERM|EROFS)\b/.test(output)) {
    return 'Make the folder that npm names writable; for its cache, set npm_config_cache to a folder that is.';
  }
  if (/\bENOSPC\b/.test(output)) return 'Free some disk space, then run this again.';
  if (/\bgyp ERR!|\bmake(\[\d+\])?: \*\*\*/.test(output)) {
    return 'Mend what the compiler names, then run this again.';
  }
  if (/\b(E404|ETARGET)\b/.test(output)) {
    return 'Use a registry that has this version; a mirror may lag, or hold some platforms alone.';
  }
  return 'Check that npm reaches its registry ("npm ping"), then run this again.';
}
