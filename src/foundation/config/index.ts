export {
  BadVariable,
  ConfigurationError,
  origins,
  readEnvironment,
  secret,
  text,
  textOr,
  url,
  type Variable,
  wholeNumber,
  word,
} from "./read-environment.ts";
