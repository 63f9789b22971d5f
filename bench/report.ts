import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Machine } from "./machine.ts";

/** One measured number. */
export type Figure = {
  /** The bar's name, such as P1. */
  name: string;
  /** What was measured, in a few words. */
  what: string;
  value: number;
  unit: "×" | "ms" | "s" | "MB" | "/s";
  /** What is demanded; figures without are there to compare with. */
  bar?: { atLeast: number } | { atMost: number };
  /** Numbers behind the number, as text for the line. */
  note: string;
  /** The single measurements. */
  samples?: readonly number[];
};

/** Whether a figure does what its bar demands. */
export function isMet({ value, bar }: Figure): boolean {
  if (!bar) return true;
  return "atLeast" in bar ? value >= bar.atLeast : value <= bar.atMost;
}

/** Writes one line for a figure. */
export function printFigure(figure: Figure): void {
  const { name, what, value, unit, bar, note } = figure;
  const mark = bar ? (isMet(figure) ? "pass" : "FAIL") : "    ";
  const demand = bar ? ("atLeast" in bar ? `at least ${bar.atLeast}` : `at most ${bar.atMost}`) : "";
  const measured = `${round(value)} ${unit}`.padStart(10);
  process.stdout.write(`${mark}  ${name.padEnd(3)} ${what.padEnd(46)} ${measured}  ${demand.padEnd(13)}  ${note}\n`);
}

/** Keeps everything as JSON in `bench/results/`; gives the file's path. */
export async function keepResults(results: {
  machine: Machine;
  parameters: object;
  figures: readonly Figure[];
}): Promise<string> {
  const folder = join(import.meta.dirname, "results");
  await mkdir(folder, { recursive: true });
  const at = new Date().toISOString();
  const path = join(folder, `${at.replaceAll(":", "-")}.json`);
  const figures = results.figures.map((figure) => ({ ...figure, met: figure.bar ? isMet(figure) : null }));
  await writeFile(path, `${JSON.stringify({ at, ...results, figures }, null, 2)}\n`);
  return path;
}

/** Three significant digits, but never fewer than the whole number. */
export function round(value: number): string {
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.max(Math.abs(value), 0.001))));
  return value.toFixed(Math.min(digits, 3));
}
