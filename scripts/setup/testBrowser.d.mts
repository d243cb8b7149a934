/** The Chromium of `ENTROPANE_CHROMIUM`, else the first on the path that answers; null where there is none. */
export function findChromium(): Promise<{ readonly path: string; readonly version: string } | null>;
