// @stellar/stellar-sdk builds, sends and reads transactions.
// given: { rpc, faucet, passphrase, usdcIssuer, usdcContract }

import assert from "node:assert/strict";
import {
  Address,
  Asset,
  BASE_FEE,
  Contract,
  Keypair,
  Operation,
  TransactionBuilder,
  nativeToScVal,
  rpc,
  scValToNative,
  xdr,
} from "@stellar/stellar-sdk";
import { answer, given } from "./lib/process.mjs";

const server = new rpc.Server(given.rpc, { allowHttp: true });
const usdc = new Asset("USDC", given.usdcIssuer);
const usdcContract = new Contract(given.usdcContract);
const [alice, bob, sponsor] = [Keypair.random(), Keypair.random(), Keypair.random()];

assert.equal(usdc.contractId(given.passphrase), given.usdcContract);

async function build(source, ...operations) {
  const account = await server.getAccount(source.publicKey());
  const builder = new TransactionBuilder(account, { fee: BASE_FEE, networkPassphrase: given.passphrase });
  operations.forEach((operation) => builder.addOperation(operation));
  return builder.setTimeout(60).build();
}

async function send(transaction) {
  const sent = await server.sendTransaction(transaction);
  assert.equal(sent.status, "PENDING", JSON.stringify(sent));
  assert.equal(sent.hash, transaction.hash().toString("hex"));
  const result = await server.pollTransaction(sent.hash, { attempts: 20, sleepStrategy: () => 100 });
  return { ...result, hash: sent.hash };
}

async function submit(source, ...operations) {
  const transaction = await build(source, ...operations);
  transaction.sign(source);
  return expectSuccess(await send(transaction));
}

function expectSuccess(result) {
  assert.equal(result.status, "SUCCESS", JSON.stringify(result.resultXdr));
  assert.ok(result.envelopeXdr instanceof xdr.TransactionEnvelope);
  assert.ok(result.resultMetaXdr.switch() !== undefined);
  return result;
}

function transfer(from, to, amount) {
  const party = (keypair) => new Address(keypair.publicKey()).toScVal();
  return usdcContract.call("transfer", party(from), party(to), nativeToScVal(amount, { type: "i128" }));
}

// The network answers about itself.
assert.equal((await server.getHealth()).status, "healthy");
assert.equal((await server.getNetwork()).passphrase, given.passphrase);
const start = await server.getLatestLedger();
assert.ok(start.sequence > 0);
assert.ok((await server.getVersionInfo()).protocolVersion > 0);
assert.ok(Number((await server.getFeeStats()).sorobanInclusionFee.p50) >= 100);

// Accounts and trustlines.
await server.requestAirdrop(alice.publicKey());
await server.requestAirdrop(sponsor.publicKey());
await submit(alice, Operation.createAccount({ destination: bob.publicKey(), startingBalance: "100" }));
await submit(alice, Operation.changeTrust({ asset: usdc }));
await submit(bob, Operation.changeTrust({ asset: usdc, limit: "1000" }));
const faucet = await fetch(`${given.faucet}?addr=${alice.publicKey()}&amount=10`, { method: "POST" });
assert.equal(faucet.status, 200, await faucet.text());

// A classic payment.
await submit(alice, Operation.payment({ destination: bob.publicKey(), asset: usdc, amount: "1.5" }));

// The same asset by its contract.
const prepared = await server.prepareTransaction(await build(alice, transfer(alice, bob, 2_500_000n)));
prepared.sign(alice);
const moved = expectSuccess(await send(prepared));
assert.equal(moved.returnValue.switch().name, "scvVoid");

// With the fee paid by another account.
const inner = await server.prepareTransaction(await build(alice, transfer(alice, bob, 1n)));
inner.sign(alice);
const bumped = TransactionBuilder.buildFeeBumpTransaction(sponsor, "200", inner, given.passphrase);
bumped.sign(sponsor);
const before = await nativeBalance(alice);
const bumpedResult = expectSuccess(await send(bumped));
assert.equal(await nativeBalance(alice), before);
assert.equal(bumpedResult.feeBump, true);

// A transfer that the contract refuses is a failed simulation, with a reason.
const refused = await server.simulateTransaction(await build(alice, transfer(alice, bob, 10n ** 15n)));
assert.ok(rpc.Api.isSimulationError(refused), "a transfer of more than the balance is simulated as a success");

// Sent again after it landed, its sequence number is a used one.
const late = await server.sendTransaction(prepared);
assert.equal(late.status, "ERROR");
assert.equal(late.errorResult.result().switch().name, "txBadSeq");

// Events of the contract.
const symbol = xdr.ScVal.scvSymbol("transfer").toXDR("base64");
const { events } = await server.getEvents({
  startLedger: start.sequence,
  filters: [{ type: "contract", contractIds: [given.usdcContract], topics: [[symbol, "*", "*", "*"]] }],
});
const movedEvent = events.find((event) => event.txHash === moved.hash);
assert.ok(movedEvent, "the transfer has no event");
assert.deepEqual(movedEvent.topic.slice(0, 3).map(scValToNative), ["transfer", alice.publicKey(), bob.publicKey()]);
assert.equal(scValToNative(movedEvent.value), 2_500_000n);

// Everything is in the list of transactions.
const { transactions } = await server.getTransactions({ startLedger: start.sequence, pagination: { limit: 100 } });
assert.ok(transactions.some((transaction) => transaction.txHash === bumpedResult.hash));

async function nativeBalance(keypair) {
  const key = xdr.LedgerKey.account(new xdr.LedgerKeyAccount({ accountId: keypair.xdrPublicKey() }));
  const { entries } = await server.getLedgerEntries(key);
  return entries[0].val.account().balance().toString();
}

async function usdcBalance(keypair) {
  const key = xdr.LedgerKey.trustline(
    new xdr.LedgerKeyTrustLine({ accountId: keypair.xdrPublicKey(), asset: usdc.toTrustLineXDRObject() }),
  );
  const { entries } = await server.getLedgerEntries(key);
  return entries[0].val.trustLine().balance().toString();
}

answer({
  alice: await usdcBalance(alice),
  bob: await usdcBalance(bob),
  transaction: moved.hash,
  feeBump: bumpedResult.hash,
  events: events.length,
});
