/** Values of `ENTROPANE_GPU`; a test holds the list against the one that the engine checks. */
export const requestedGpus = ['auto', 'none', 'cuda', 'vulkan'];

/**
 * What the choice of a llama.cpp build depends on.
 *
 * @typedef {object} Machine
 * @property {string} platform
 * @property {string} arch
 * @property {boolean} hasGlibc of Linux alone
 * @property {string} requestedGpu `ENTROPANE_GPU`: `auto` looks at the machine; or `none`, `cuda`, `vulkan`
 * @property {boolean} hasNvidiaDriver
 * @property {boolean} hasCudaRuntime CUDA 13: what the prebuilt library links against
 */

/**
 * @typedef {{ type: 'chosen', flavour: string, why: string } | { type: 'unsupported', why: string }} FlavourChoice
 */

/**
 * Which prebuilt llama.cpp a machine can use. Pure. A GPU build is taken by itself only where its driver and its
 * runtime are both there: without them it would be a large download that runs on the processor. Metal is part of macOS.
 *
 * @param {Machine} machine
 * @returns {FlavourChoice}
 */
export function chooseFlavour(machine) {
  const { platform, arch, hasGlibc } = machine;
  if (platform === 'linux' && !hasGlibc)
    return unsupported(machine, 'the prebuilt libraries for Linux need glibc');
  switch (`${platform}-${arch}`) {
    case 'linux-x64':
      return { type: 'chosen', ...flavourOnX64('linux-x64', machine) };
    case 'win32-x64':
      return { type: 'chosen', ...flavourOnX64('win-x64', machine) };
    case 'linux-arm64':
      return { type: 'chosen', flavour: 'linux-arm64', why: 'processor' };
    case 'win32-arm64':
      return { type: 'chosen', flavour: 'win-arm64', why: 'processor' };
    case 'darwin-arm64':
      return { type: 'chosen', flavour: 'mac-arm64-metal', why: 'Metal' };
    case 'darwin-x64':
      return { type: 'chosen', flavour: 'mac-x64', why: 'processor' };
    default:
      return unsupported(machine, 'none of its releases is built for that');
  }
}

function flavourOnX64(plain, { requestedGpu, hasNvidiaDriver, hasCudaRuntime }) {
  if (requestedGpu === 'cuda') return { flavour: `${plain}-cuda`, why: 'CUDA, as ENTROPANE_GPU asks' };
  if (requestedGpu === 'vulkan') return { flavour: `${plain}-vulkan`, why: 'Vulkan, as ENTROPANE_GPU asks' };
  if (requestedGpu === 'none') return { flavour: plain, why: 'processor, as ENTROPANE_GPU asks' };
  if (hasNvidiaDriver && hasCudaRuntime) return { flavour: `${plain}-cuda`, why: 'CUDA' };
  if (hasNvidiaDriver) {
    return { flavour: plain, why: 'processor; an NVIDIA GPU is here, but the CUDA 13 runtime is not' };
  }
  return { flavour: plain, why: 'processor' };
}

/** @returns {FlavourChoice} */
function unsupported({ platform, arch }, why) {
  return { type: 'unsupported', why: `There is no prebuilt llama.cpp for ${platform} on ${arch}: ${why}.` };
}
