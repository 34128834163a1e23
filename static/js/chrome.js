/** Every page: symbols that stand in the page are drawn. */
import { fillSymbols } from "./symbols.js";

fillSymbols();
