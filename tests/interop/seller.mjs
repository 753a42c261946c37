// An @x402/express seller of GET /weather.
// given: { facilitator, apiKey?, payTo, price, network }

import express from "express";
import { HTTPFacilitatorClient } from "@x402/core/server";
import { paymentMiddleware, x402ResourceServer } from "@x402/express";
import { ExactStellarScheme } from "@x402/stellar/exact/server";
import { given, serve } from "./lib/process.mjs";

const authorization = given.apiKey ? { Authorization: `Bearer ${given.apiKey}` } : {};
const facilitator = new HTTPFacilitatorClient({
  url: given.facilitator,
  createAuthHeaders: async () => ({ verify: authorization, settle: authorization, supported: authorization }),
});
const server = new x402ResourceServer(facilitator).register(given.network, new ExactStellarScheme());
const accepts = { scheme: "exact", price: given.price, network: given.network, payTo: given.payTo };

const app = express();
let runs = 0;
app.use(paymentMiddleware({ "GET /weather": { accepts, description: "Weather" } }, server));
app.get("/weather", (_request, response) => {
  runs += 1;
  response.json({ city: "Lima", celsius: 19, runs });
});
await serve(app);
