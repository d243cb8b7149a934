import { readFileSync } from 'node:fs';
import path from 'node:path';

/** The checkout. */
export const checkout = path.resolve(import.meta.dirname, '../../..');

interface Command {
  readonly command: string;
  readonly title: string;
  readonly enablement?: string;
}

/** Either runs a command or opens a submenu. */
interface MenuItem {
  readonly command?: string;
  readonly submenu?: string;
  readonly when?: string;
}

interface Setting {
  readonly type: string;
  readonly order?: number;
  readonly scope?: string;
  readonly tags?: readonly string[];
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly markdownDescription?: string;
  readonly enum?: readonly string[];
  readonly enumDescriptions?: readonly string[];
}

/** The parts of package.json that tests compare with the code. */
export interface Manifest {
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly publisher: string;
  readonly license: string;
  readonly repository: { readonly type: string; readonly url: string };
  readonly galleryBanner: { readonly color: string; readonly theme: string };
  readonly categories: readonly string[];
  readonly keywords: readonly string[];
  readonly extensionKind: readonly string[];
  readonly version: string;
  readonly files: readonly string[];
  readonly bin: { readonly entropane: string };
  readonly icon: string;
  readonly main: string;
  readonly activationEvents: readonly string[];
  readonly capabilities: {
    readonly untrustedWorkspaces: {
      readonly supported: string;
      readonly restrictedConfigurations: readonly string[];
    };
  };
  readonly enabledApiProposals?: readonly string[];
  readonly engines: { readonly vscode: string };
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly contributes: {
    readonly commands: readonly Command[];
    readonly keybindings: readonly { readonly command: string; readonly when?: string }[];
    readonly menus: Readonly<Record<string, readonly MenuItem[]>>;
    readonly submenus: readonly { readonly id: string; readonly label: string }[];
    readonly configuration: readonly {
      readonly title: string;
      readonly properties: Readonly<Record<string, Setting>>;
    }[];
    readonly walkthroughs: readonly {
      readonly icon: string;
      readonly steps: readonly {
        readonly description: string;
        readonly media: { readonly markdown: string };
        readonly completionEvents: readonly string[];
      }[];
    }[];
  };
}

export const manifest = JSON.parse(readFileSync(path.join(checkout, 'package.json'), 'utf8')) as Manifest;

/** Every declared setting with its full key. */
export const declaredSettings: ReadonlyMap<string, Setting> = new Map(
  manifest.contributes.configuration.flatMap((group) => Object.entries(group.properties)),
);
