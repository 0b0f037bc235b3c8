// The bot that people write by hand with nostr-tools. With "wasm" as its argument, libsecp256k1 in WebAssembly does
// the curve arithmetic. It answers, and remembers nothing.
import { Relay, useWebSocketImplementation } from "nostr-tools/relay";
import { AbstractRelay } from "nostr-tools/abstract-relay";
import * as pure from "nostr-tools/pure";
import * as wasm from "nostr-tools/wasm";
import { initNostrWasm } from "nostr-wasm";
import WebSocket from "ws";

const { BOT_NSEC: hex, RELAY: url } = process.env;
const key = Uint8Array.from(Buffer.from(hex, "hex"));
const inWasm = process.argv[2] === "wasm";
const { getPublicKey, finalizeEvent, verifyEvent } = inWasm ? wasm : pure;
if (inWasm) wasm.setNostrWasm(await initNostrWasm());
useWebSocketImplementation(WebSocket);

const relay = inWasm ? new AbstractRelay(url, { verifyEvent, websocketImplementation: WebSocket }) : new Relay(url);
await relay.connect();
relay.subscribe([{ kinds: [1], "#p": [getPublicKey(key)] }], {
  onevent(event) {
    if (!event.content.includes("hello")) return;
    const reply = {
      kind: 1,
      created_at: Math.floor(Date.now() / 1000),
      tags: [["e", event.id, url, "root", event.pubkey], ["p", event.pubkey]],
      content: "Hi! " + event.content,
    };
    relay.publish(finalizeEvent(reply, key)).catch(() => {});
  },
});
