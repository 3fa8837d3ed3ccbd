// Where the development server is and who its owner is: what `kassa` leaves in its data directory.
import { readFileSync } from "node:fs";

export interface Demo {
  url: string;
  email: string;
  password: string;
}

export const demo = JSON.parse(readFileSync(process.argv[2] ?? "data/demo.json", "utf8")) as Demo;
export const slug = (word: string) => `${word}-${Date.now().toString(36)}`;

export function check(fact: unknown, what: string): asserts fact {
  if (!fact) throw new Error(what);
}
