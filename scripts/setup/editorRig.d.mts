/** Where the rig's Node and its entry script are once it has been built. */
export const editorRig: { readonly node: string; readonly entry: string };
