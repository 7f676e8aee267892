// The tests run on the Node that the project brings with it; with --ignore-scripts npm falls back to the host's silently.
const major = Number(process.versions.node.split('.')[0])
if (major !== 24) {
  console.error(`serin: the tests need the project's own Node 24, this is ${process.versions.node}. Run "npm ci" without --ignore-scripts.`)
  process.exit(1)
}
