// A small app on Slack's own framework, for the simulated Slack to be tried
// with: it connects, acknowledges, responds and posts. The Go test beside it
// (bolt_test.go) plays the people and reads what arrives.
import bolt from "@slack/bolt";

const app = new bolt.App({
  token: process.env.SLACK_BOT_TOKEN,
  appToken: process.env.SLACK_APP_TOKEN,
  socketMode: true,
  logLevel: bolt.LogLevel.WARN,
  clientOptions: { slackApiUrl: process.env.SLACK_API_URL, retryConfig: { retries: 0 } },
});

// A command, acknowledged with nothing and answered twice by response_url.
app.command("/computeunits", async ({ command, ack, respond }) => {
  if (command.text === "in the acknowledgement") {
    await ack({ response_type: "ephemeral", text: "acknowledged with this" });
    return;
  }
  await ack();
  await respond({
    response_type: "ephemeral",
    text: `you typed ${command.text}`,
    blocks: [{ type: "section", text: { type: "mrkdwn", text: `you typed *${command.text}*` } }],
  });
  await respond({ response_type: "in_channel", text: `<@${command.user_id}> asked` });
});

// A mention, answered in its thread with metadata to be found again.
app.event("app_mention", async ({ event, client }) => {
  await client.chat.postMessage({
    channel: event.channel,
    thread_ts: event.ts,
    text: "you called?",
    metadata: { event_type: "bolt_check", event_payload: { about: event.ts } },
  });
});

// A direct message, answered with say(), and with what Slack refuses.
app.message(async ({ message, say, client }) => {
  if (message.subtype || message.bot_id) return;
  const refusals = [];
  for (const [method, args] of [
    ["chat.postMessage", { channel: "C0NOWHERE", text: "x" }],
    ["chat.postMessage", { channel: message.channel, text: "x", blocks: [{ type: "header", text: { type: "mrkdwn", text: "x" } }] }],
    ["no.such.method", {}],
  ]) {
    try {
      await client.apiCall(method, args);
      refusals.push(`${method} was taken`);
    } catch (error) {
      refusals.push(error.data?.error ?? String(error));
    }
  }
  await say(`refused: ${refusals.join(" ")}`);
});

await app.start();
console.log("bolt is connected");
process.on("SIGTERM", async () => {
  await app.stop();
  process.exit(0);
});
