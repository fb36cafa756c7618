// `segkit/inference` in a browser.
export * from "./index.ts";
export { type LoadOptions, loadPredictor, pixelsOf, WebPredictor } from "./file/load-predictor.web.ts";
