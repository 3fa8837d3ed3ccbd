// Prism: answers requests by an OpenAPI file, and refuses those that the file does not allow. Argument: the file.
// Prints its port when it answers. Ends with its input.
const net = require("node:net");

const write = process.stdout.write.bind(process.stdout);
// Its own log is for people.
process.stdout.write = () => true;

function whenOpen(port, then) {
  const socket = net.connect(port, "127.0.0.1");
  socket.on("connect", () => socket.end(then));
  socket.on("error", () => setTimeout(whenOpen, 50, port, then));
}

const free = net.createServer().listen(0, "127.0.0.1", () => {
  const { port } = free.address();
  free.close(() => {
    process.argv.splice(2, Infinity, "mock", "-h", "127.0.0.1", "-p", String(port), process.argv[2]);
    require("@stoplight/prism-cli/dist/index.js");
    whenOpen(port, () => write(port + "\n"));
  });
});
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
