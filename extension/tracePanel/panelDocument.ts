/** What the panel's page is made of: resources as the webview addresses them. */
export interface PanelResources {
  readonly scriptUri: string;
  readonly styleUri: string;
  /** The webview's own origin, for the content security policy. */
  readonly cspSource: string;
  /** Fresh for every page; only the script that carries it runs. */
  readonly nonce: string;
}

/**
 * The panel's page. It holds no data: everything it shows comes by message. The policy allows our style sheet, our
 * one script, and nothing from any network.
 */
export function panelDocument(resources: PanelResources): string {
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${resources.nonce}'`,
    `style-src ${resources.cspSource}`,
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${policy}" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <link rel="stylesheet" href="${resources.styleUri}" />
    <title>Entropane Trace</title>
  </head>
  <body>
    <div id="root"></div>
    <script nonce="${resources.nonce}" src="${resources.scriptUri}"></script>
  </body>
</html>
`;
}
