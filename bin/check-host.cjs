// Says in one line, before the install goes on, what Serin needs to be installed and tested.
// Older Nodes and npms silently leave out native packages of the toolchain.
const [major, minor] = process.versions.node.split('.').map(Number)
const npm = /npm\/(\d+)/.exec(process.env.npm_config_user_agent || '')
const nodeIsFine = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22
if (!nodeIsFine || (npm && Number(npm[1]) < 10)) {
  console.error(
    `serin: needs Node 20.19 or newer (22.12 or newer on the 22 line) and npm 10 or newer to install; this is Node ${process.versions.node}${npm ? `, npm ${npm[1]}` : ''}.`,
  )
  process.exit(1)
}
