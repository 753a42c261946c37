// mppx buys: its own client, with the method `stellar` signed by @stellar/stellar-sdk.
// given: { url, rpc, secret, passphrase }

import { Challenge, Credential, Method, Receipt } from "mppx";
import { Mppx } from "mppx/client";
import {
  Account,
  Address,
  BASE_FEE,
  Contract,
  Keypair,
  TransactionBuilder,
  authorizeEntry,
  nativeToScVal,
  rpc,
} from "@stellar/stellar-sdk";
import { z } from "zod/mini";
import { answer, given } from "./lib/process.mjs";

const ALL_ZEROS = "GAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAWHF";
const CLOSE_TIME_SECONDS = 5;
const server = new rpc.Server(given.rpc, { allowHttp: true });
const payer = Keypair.fromSecret(given.secret);

const charge = Method.from({
  name: "stellar",
  intent: "charge",
  schema: {
    credential: { payload: z.object({ type: z.string(), transaction: z.string() }) },
    request: z.object({ amount: z.string(), currency: z.string(), recipient: z.string() }),
  },
});

const stellar = Method.toClient(charge, {
  async createCredential({ challenge }) {
    const transaction = await sponsored(challenge.request, Date.parse(challenge.expires));
    return Credential.serialize({
      challenge,
      payload: { type: "transaction", transaction },
      source: `did:pkh:${challenge.request.methodDetails.network}:${payer.publicKey()}`,
    });
  },
});

/** A transfer that the server submits: only its authorization entry is signed. */
async function sponsored({ amount, currency, recipient }, expires) {
  const transfer = new Contract(currency).call(
    "transfer",
    new Address(payer.publicKey()).toScVal(),
    new Address(recipient).toScVal(),
    nativeToScVal(amount, { type: "i128" }),
  );
  const unsigned = new TransactionBuilder(new Account(ALL_ZEROS, "0"), {
    fee: BASE_FEE,
    networkPassphrase: given.passphrase,
  })
    .addOperation(transfer)
    .setTimeout(180)
    .build();
  const simulated = await server.simulateTransaction(unsigned);
  const { sequence } = await server.getLatestLedger();
  const last = sequence + Math.ceil((expires - Date.now()) / 1000 / CLOSE_TIME_SECONDS);
  const entries = await Promise.all(
    simulated.result.auth.map((entry) => authorizeEntry(entry, payer, last, given.passphrase)),
  );
  const assembled = rpc.assembleTransaction(unsigned, simulated).build();
  assembled.operations[0].auth.splice(0, assembled.operations[0].auth.length, ...entries);
  const envelope = assembled.toEnvelope();
  envelope.v1().tx().operations()[0].body().invokeHostFunctionOp().auth(entries);
  return envelope.toXDR("base64");
}

const unpaid = await fetch(given.url, { headers: { "Accept-Payment": "stellar/charge" } });
const challenge = Challenge.fromResponse(unpaid);
const mppx = Mppx.create({ methods: [stellar], polyfill: false });
const response = await mppx.fetch(given.url);
const receipt = response.ok ? Receipt.fromResponse(response) : undefined;
answer({ challenge, status: response.status, body: await response.json(), receipt });
