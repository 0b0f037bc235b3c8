// The bot that people write by hand with NDK. It answers, and remembers nothing.
import NDK, { NDKEvent, NDKPrivateKeySigner } from "@nostr-dev-kit/ndk";
import WebSocket from "ws";

globalThis.WebSocket ??= WebSocket;
const { BOT_NSEC: hex, RELAY: url } = process.env;
const ndk = new NDK({
  explicitRelayUrls: [url],
  signer: new NDKPrivateKeySigner(hex),
  enableOutboxModel: false, // It would ask relays on the internet.
  lowestValidationRatio: 1, // The others check every signature, too.
});
await ndk.connect();
const { pubkey } = await ndk.signer.user();
const sub = ndk.subscribe({ kinds: [1], "#p": [pubkey] }, { closeOnEose: false, groupable: false });
sub.on("event", async (event) => {
  if (!event.content.includes("hello")) return;
  const reply = new NDKEvent(ndk, {
    kind: 1,
    tags: [["e", event.id, url, "root", event.pubkey], ["p", event.pubkey]],
    content: "Hi! " + event.content,
  });
  await reply.publish().catch(() => {});
});
