export { meetRequests } from "./meet-requests.ts";
export { readWeatherLine, type WeatherSettings } from "./settings.ts";
export { createWeather, type Weather, type WebhookFate } from "./weather.ts";
export { registerWeatherPage, registerWeatherRoutes } from "./weather-routes.ts";
