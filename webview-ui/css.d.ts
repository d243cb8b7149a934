/** Style sheets are imported for their side effect: esbuild collects them into the bundle's `.css`. */
declare module '*.css';
