// @x402/fetch buys a resource.
// given: { url, secret, network, rpc, requests? }

import { wrapFetchWithPayment, x402Client, decodePaymentResponseHeader } from "@x402/fetch";
import { createEd25519Signer } from "@x402/stellar";
import { ExactStellarScheme } from "@x402/stellar/exact/client";
import { answer, given } from "./lib/process.mjs";

const signer = createEd25519Signer(given.secret, given.network);
const scheme = new ExactStellarScheme(signer, { url: given.rpc });
const client = new x402Client().register(given.network, scheme);
const pay = wrapFetchWithPayment(fetch, client);

const answers = [];
for (let request = 0; request < (given.requests ?? 1); request += 1) {
  const response = await pay(given.url);
  const receipt = response.headers.get("payment-response");
  answers.push({
    status: response.status,
    body: await response.text(),
    receipt: receipt === null ? null : decodePaymentResponseHeader(receipt),
  });
}
answer(answers);
