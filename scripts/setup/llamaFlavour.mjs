/** Values of `ENTROPANE_GPU`; a test holds the list against the one that the engine checks. */
export const requestedGpus = ['auto', 'none', 'cuda', 'vulkan'];

/**
 * What the choice of a llama.cpp build depends on.
 *
 * @typedef {object} Machine
 * @property {string} platform
 * @property {string} arch
 * @property {boolean} hasGlibc
 * @property {string} requestedGpu `ENTROPANE_GPU`: `auto` looks at the machine; or `none`, `cuda`, `vulkan`
 * @property {boolean} hasNvidiaDriver
 * @property {boolean} hasCudaRuntime CUDA 13: what the prebuilt library links against
 */

/**
 * @typedef {{ type: 'chosen', flavour: string, why: string } | { type: 'unsupported', why: string }} FlavourChoice
 */

/**
 * Which prebuilt llama.cpp a machine can use. Pure. A GPU build is taken by itself only where its driver and its
 * runtime are both there: without them it would be a large download that runs on the processor.
 *
 * @param {Machine} machine
 * @returns {FlavourChoice}
 */
export function chooseFlavour(machine) {
  if (machine.platform !== 'linux')
    return unsupported(machine, 'no library of this release is pinned for it');
  if (!machine.hasGlibc) return unsupported(machine, 'the prebuilt libraries need glibc');
  switch (machine.arch) {
    case 'x64':
      return { type: 'chosen', ...flavourOnX64(machine) };
    case 'arm64':
      return { type: 'chosen', flavour: 'linux-arm64', why: 'processor' };
    case 'arm':
      return { type: 'chosen', flavour: 'linux-armv7l', why: 'processor' };
    default:
      return unsupported(machine, 'no library of this release is built for it');
  }
}

function flavourOnX64({ requestedGpu, hasNvidiaDriver, hasCudaRuntime }) {
  if (requestedGpu === 'cuda') return { flavour: 'linux-x64-cuda', why: 'CUDA, as ENTROPANE_GPU asks' };
  if (requestedGpu === 'vulkan') return { flavour: 'linux-x64-vulkan', why: 'Vulkan, as ENTROPANE_GPU asks' };
  if (requestedGpu === 'none') return { flavour: 'linux-x64', why: 'processor, as ENTROPANE_GPU asks' };
  if (hasNvidiaDriver && hasCudaRuntime) return { flavour: 'linux-x64-cuda', why: 'CUDA' };
  if (hasNvidiaDriver) {
    return { flavour: 'linux-x64', why: 'processor; an NVIDIA GPU is here, but the CUDA 13 runtime is not' };
  }
  return { flavour: 'linux-x64', why: 'processor' };
}

/** @returns {FlavourChoice} */
function unsupported({ platform, arch }, why) {
  return { type: 'unsupported', why: `There is no prebuilt llama.cpp for ${platform} on ${arch}: ${why}.` };
}
