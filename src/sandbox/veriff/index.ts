export { startVeriffDouble, type VeriffDoubleOptions } from "./start-veriff-double.ts";
