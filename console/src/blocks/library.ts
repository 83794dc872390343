// The library that draws Block Kit, in a chunk of its own.
import "slack-blocks-to-jsx/dist/style.css";

export { Message as default } from "slack-blocks-to-jsx";
