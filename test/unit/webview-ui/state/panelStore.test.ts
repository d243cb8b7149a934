import { describe, expect, it } from 'vitest';
import type { HostToPanel, PanelToHost } from '../../../../protocol/panelMessages.ts';
import type { PanelHost } from '../../../../webview-ui/state/panelHost.ts';
import { PanelStore } from '../../../../webview-ui/state/panelStore.ts';
import { generatedTrace } from '../../../support/trace/generatedTrace.ts';

/** A host that records, and frames that come when the test says so. */
function testPanel() {
  const posted: PanelToHost[] = [];
  const receivers = new Set<(message: HostToPanel) => void>();
  const frames: (() => void)[] = [];
  const host: PanelHost = {
    mode: 'live',
    post: (message) => posted.push(message),
    subscribe: (receive) => {
      receivers.add(receive);
      return () => receivers.delete(receive);
    },
  };
  const store = new PanelStore(host, (callback) => {
    frames.push(callback);
    return () => {
      frames.splice(frames.indexOf(callback), 1);
    };
  });
  const send = (message: HostToPanel): void => {
    for (const receive of receivers) receive(message);
  };
  return { store, posted, frames, send, receivers };
}

const events = generatedTrace();

describe('PanelStore', () => {
  it('asks for a snapshot as soon as it listens', () => {
    const { store, posted } = testPanel();
    store.connect();
    expect(posted).toEqual([{ type: 'panel/ready' }]);
  });

  it('takes in a frame’s worth of messages at once', () => {
    const { store, frames, send } = testPanel();
    let changes = 0;
    store.connect();
    store.subscribe(() => changes++);
    send({ type: 'trace/snapshot', requestId: 'r', events: events.slice(0, 4) });
    for (let seq = 4; seq < events.length; seq++) {
      send({ type: 'trace/append', requestId: 'r', events: events.slice(seq, seq + 1) });
    }
    expect([changes, frames.length]).toEqual([0, 1]);
    frames[0]?.();
    expect(changes).toBe(1);
    expect(store.state.trace.nextSeq).toBe(events.length);
  });

  it('posts the request for a resend', () => {
    const { store, posted, frames, send } = testPanel();
    store.connect();
    send({ type: 'trace/snapshot', requestId: 'r', events: events.slice(0, 4) });
    send({ type: 'trace/append', requestId: 'r', events: events.slice(6) });
    frames[0]?.();
    expect(posted).toContainEqual({ type: 'trace/resend', requestId: 'r' });
  });

  it('leaves nothing behind when it is disconnected', () => {
    const { store, frames, send, receivers } = testPanel();
    const disconnect = store.connect();
    send({ type: 'traces/listed', traces: [] });
    disconnect();
    expect([frames.length, receivers.size]).toEqual([0, 0]);
  });
});
