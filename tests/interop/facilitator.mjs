// The official facilitator over HTTP.
// given: { secrets, network, rpc, feeBumpSecret? }

import express from "express";
import { x402Facilitator } from "@x402/core/facilitator";
import { createEd25519Signer } from "@x402/stellar";
import { ExactStellarScheme } from "@x402/stellar/exact/facilitator";
import { given, serve } from "./lib/process.mjs";

const signer = (secret) => createEd25519Signer(secret, given.network);
const scheme = new ExactStellarScheme(given.secrets.map(signer), {
  rpcConfig: { url: given.rpc },
  feeBumpSigner: given.feeBumpSecret ? signer(given.feeBumpSecret) : undefined,
});
const facilitator = new x402Facilitator().register(given.network, scheme);

const app = express();
app.use(express.json());
app.get("/supported", (_request, response) => response.json(facilitator.getSupported()));
app.post("/verify", async ({ body }, response) => {
  response.json(await facilitator.verify(body.paymentPayload, body.paymentRequirements));
});
app.post("/settle", async ({ body }, response) => {
  response.json(await facilitator.settle(body.paymentPayload, body.paymentRequirements));
});
await serve(app);
