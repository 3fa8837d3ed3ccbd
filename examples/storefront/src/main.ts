import "./style.css";
import { start } from "./act";

void start();
