export { type BridgeDouble, type BridgeDoubleOptions, startBridgeDouble } from "./start-bridge-double.ts";
