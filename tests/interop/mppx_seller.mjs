// mppx sells: its own server, with the method `stellar` settled through @stellar/stellar-sdk. Buyers pay the network's fees.
// given: { rpc, passphrase, recipient, currency, network }

import express from "express";
import { Method } from "mppx";
import { Mppx } from "mppx/server";
import { TransactionBuilder, rpc } from "@stellar/stellar-sdk";
import { z } from "zod/mini";
import { given, serve } from "./lib/process.mjs";

const server = new rpc.Server(given.rpc, { allowHttp: true });

const charge = Method.from({
  name: "stellar",
  intent: "charge",
  schema: {
    credential: { payload: z.object({ type: z.literal("transaction"), transaction: z.string() }) },
    request: z.object({
      amount: z.string(),
      currency: z.string(),
      recipient: z.string(),
      methodDetails: z.object({ network: z.string() }),
    }),
  },
});

const stellar = Method.toServer(charge, {
  async verify({ credential }) {
    const transaction = TransactionBuilder.fromXDR(credential.payload.transaction, given.passphrase);
    const sent = await server.sendTransaction(transaction);
    const result = await server.pollTransaction(sent.hash, { attempts: 40, sleepStrategy: () => 100 });
    if (result.status !== "SUCCESS") throw new Error(`the transaction is ${result.status}`);
    return { status: "success", method: "stellar", reference: sent.hash, timestamp: new Date().toISOString() };
  },
});

const mppx = Mppx.create({ methods: [stellar], realm: "mppx.example", secretKey: "a secret of this test, 32 bytes long" });
const request = {
  amount: "10000",
  currency: given.currency,
  recipient: given.recipient,
  methodDetails: { network: given.network },
};

const app = express();
app.get("/weather", async (incoming, outgoing) => {
  const input = new Request(`http://${incoming.headers.host}${incoming.url}`, { headers: incoming.headers });
  const result = await mppx["stellar/charge"](request)(input);
  const response = result.status === 402 ? result.challenge : result.withReceipt(Response.json({ city: "Lima", celsius: 19 }));
  outgoing.status(response.status);
  response.headers.forEach((value, name) => outgoing.append(name, value));
  outgoing.send(Buffer.from(await response.arrayBuffer()));
});
await serve(app);
