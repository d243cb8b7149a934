/** Settings of the editor, none of ours, that every picture of a whole window has. */
export const pictureSettings = {
  'workbench.colorTheme': 'Default Dark Modern',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
} as const;
