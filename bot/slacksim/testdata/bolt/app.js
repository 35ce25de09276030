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

// The Home, published when it is opened, with a button that opens a form.
app.event("app_home_opened", async ({ event, client }) => {
  if (event.tab !== "home") return;
  await client.views.publish({
    user_id: event.user,
    hash: event.view?.hash,
    view: {
      type: "home",
      blocks: [
        { type: "header", text: { type: "plain_text", text: event.view ? "Welcome back" : "Welcome" } },
        { type: "actions", elements: [{ type: "button", action_id: "form", text: { type: "plain_text", text: "Watch" } }] },
      ],
    },
  });
});

app.action("form", async ({ ack, body, client }) => {
  await ack();
  await client.views.open({
    trigger_id: body.trigger_id,
    view: {
      type: "modal",
      callback_id: "watch",
      title: { type: "plain_text", text: "Watch" },
      submit: { type: "plain_text", text: "Save" },
      blocks: [
        { type: "input", block_id: "service", label: { type: "plain_text", text: "Service" }, element: { type: "plain_text_input", action_id: "id" } },
        { type: "input", block_id: "owner", label: { type: "plain_text", text: "Owner" }, element: { type: "users_select", action_id: "who" } },
      ],
    },
  });
});

// A submission: refused at its field first, then taken and announced.
app.view("watch", async ({ ack, view, body, client }) => {
  const { service, owner } = view.state.values;
  if (!service.id.value.startsWith("svco-")) {
    await ack({ response_action: "errors", errors: { service: "Ids begin with svco-" } });
    return;
  }
  await ack();
  await client.chat.postMessage({
    channel: "C0GPU",
    text: `<@${body.user.id}> watches ${service.id.value} for <@${owner.who.selected_user}>`,
    blocks: [
      { type: "section", text: { type: "mrkdwn", text: `*${service.id.value}* is watched` } },
      {
        type: "actions",
        elements: [
          { type: "button", action_id: "ack", value: service.id.value, text: { type: "plain_text", text: "Acknowledge" } },
          { type: "static_select", action_id: "snooze", placeholder: { type: "plain_text", text: "Snooze" }, options: [{ text: { type: "plain_text", text: "3 days" }, value: "3d" }] },
        ],
      },
    ],
  });
});

// A press, answered in place; a choice, answered to the one who chose.
app.action("ack", async ({ ack, action, body, respond }) => {
  await ack();
  await respond({ replace_original: true, text: `${action.value} was acknowledged by <@${body.user.id}>` });
});
app.action("snooze", async ({ ack, action, respond }) => {
  await ack();
  await respond({ replace_original: false, text: `snoozed for ${action.selected_option.value}` });
});

await app.start();
console.log("bolt is connected");
process.on("SIGTERM", async () => {
  await app.stop();
  process.exit(0);
});
