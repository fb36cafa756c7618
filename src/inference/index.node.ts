// `segkit/inference` in Node.
export * from "./index.ts";
export { openPictureRows, type PictureFile } from "./file/picture-file.node.ts";
export { type LoadOptions, loadPredictor, type NodePicture, NodePredictor } from "./file/load-predictor.node.ts";
