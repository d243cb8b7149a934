/** Style of the pictures of a calibration. Classes differ without red and green, too (Okabe and Ito). */
export const plotStyle = [
  'text{font:13px system-ui,sans-serif;fill:#1f2328}.title{font-weight:600}.small{font-size:12px;opacity:.8}',
  '.end{text-anchor:end}.middle{text-anchor:middle}',
  '.axis{stroke:#afb8c1}.threshold{stroke:#59636e;stroke-dasharray:4 3}.ideal{stroke:#59636e;stroke-dasharray:2 4}',
  '.easy{fill:#56b4e9}.normal{fill:#009e73}.hard{fill:#d55e00}.point{fill-opacity:.7}.bar{fill:#0969da;fill-opacity:.55}',
  '@media(prefers-color-scheme:dark){text{fill:#d1d7e0}.axis{stroke:#4d555f}.threshold,.ideal{stroke:#9198a1}',
  '.bar{fill:#4493f8}}',
].join('');
