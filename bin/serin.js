#!/usr/bin/env node
// Starts Serin: from src in a checkout (Node strips the types), from dist in the published package.
import { existsSync } from 'node:fs'
import module from 'node:module'

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 19)) {
  console.error(
    `serin: needs Node 22.19 or newer, this is ${process.versions.node}. In a checkout: npm ci, then npx serin, or node_modules/.bin/node bin/serin.js where signals matter (it brings its own Node 24).`,
  )
  process.exit(2)
}

await import('./heap.js')
module.enableCompileCache?.()
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'
const source = new URL('../src/cli/bin.ts', import.meta.url)
await import(existsSync(source) ? source.href : new URL('../dist/cli/bin.js', import.meta.url).href)
