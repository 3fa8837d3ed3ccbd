// The payment providers of ../../../tests/doubles, as the server's own tests run them: a Paytrail that remembers, whose SDK signs and
// verifies, and Epassi's page, which checks the form's hash. Neither is the provider itself.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");
const doubles = join(root, "tests/doubles");

/** The packages of the doubles: the folder that `cargo test` makes of the same lists, or one made here in its place. */
function packages() {
  const lists = ["package.json", "package-lock.json"];
  const hash = createHash("sha256");
  for (const list of lists) hash.update(readFileSync(join(doubles, list)));
  const folder = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "tmp", `node-${hash.digest("hex").slice(0, 8)}`);
  if (!existsSync(join(folder, "installed"))) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const list of lists) copyFileSync(join(doubles, list), join(folder, list));
    execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
    writeFileSync(join(folder, "installed"), "");
  }
  return join(folder, "node_modules");
}

/** Starts a script that prints its port and then answers lines of JSON; it ends with its input. */
async function start(command, parameters, env) {
  const child = spawn(command, parameters, { env: { ...process.env, ...env }, stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    assert.ok(!done, `${parameters[0]} has ended`);
    return JSON.parse(value);
  };
  const port = await next();
  const ask = async (question) => {
    child.stdin.write(`${JSON.stringify(question)}\n`);
    const answer = await next();
    assert.equal(answer.error, undefined, JSON.stringify(question));
    return answer;
  };
  return { url: `http://127.0.0.1:${port}`, ask, stop: () => child.stdin.end() };
}

export const paytrail = () => start("node", [join(doubles, "paytrail.cjs")], { NODE_PATH: packages() });
export const epassi = (key) => start("python3", [join(doubles, "epassi.py"), key], {});
