// What checks and tests stand on: the Node that the project brings with it (with --ignore-scripts npm falls back to the host's
// silently), and the packages that package-lock.json names, not those of an older checkout.
const { readFileSync } = require('node:fs')
const { join } = require('node:path')

const root = join(__dirname, '..')
const packagesOf = (file) => {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')).packages
  } catch {
    return {}
  }
}
const installed = packagesOf('node_modules/.package-lock.json')
const stale = Object.entries(packagesOf('package-lock.json')).filter(
  ([path, { version, optional }]) => path !== '' && !optional && installed[path]?.version !== version,
)
if (stale.length > 0) {
  const names = stale.slice(0, 3).map(([path]) => path.replace(/^.*node_modules\//, ''))
  console.error(`serin: ${stale.length} packages are not the ones of package-lock.json (${names.join(', ')}). Run "npm ci".`)
  process.exit(1)
}

const major = Number(process.versions.node.split('.')[0])
if (major !== 24) {
  console.error(`serin: the tests need the project's own Node 24, this is ${process.versions.node}. Run "npm ci" without --ignore-scripts.`)
  process.exit(1)
}
