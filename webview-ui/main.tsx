import { render } from 'preact';
import { animationFrames } from './state/animationFrames.ts';
import { connectVsCodeHost } from './state/panelHost.ts';
import { PanelStore } from './state/panelStore.ts';
import './styles/panel.css';
import { Panel } from './views/Panel.tsx';

const root = document.getElementById('root');
if (root === null) throw new Error('The panel page has no element with the id "root" to draw in.');

const host = connectVsCodeHost();
const store = new PanelStore(host, animationFrames);
render(<Panel store={store} host={host} />, root);
store.connect();
