export { type CaughtText, startTwilioDouble, type TwilioDouble } from "./start-twilio-double.ts";
