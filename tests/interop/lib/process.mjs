// How a script talks with the Rust test that started it: one JSON argument, one JSON line as the answer.

/** The argument that the test gave. */
export const given = JSON.parse(process.argv[2] ?? "{}");

/** Answers the test. */
export function answer(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** Serves until the test closes our input, so that nothing outlives it. */
export async function serve(app) {
  const server = app.listen(0, "127.0.0.1");
  await new Promise((ready, failed) => server.once("listening", ready).once("error", failed));
  answer({ url: `http://127.0.0.1:${server.address().port}` });
  process.stdin.resume().once("end", () => process.exit(0));
}
