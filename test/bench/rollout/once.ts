import '../../../bin/heap.js'
import { playFleet, playGroupLevel, playNodeLevel } from './play.ts'

/** `node once.ts nodes N B | groups | fleet N`: one row of the bench in a process of its own, told as one line of JSON. */

const [subject, ...given] = process.argv.slice(2)
const [nodes = 100, slots = 10] = given.map(Number)
const played = subject === 'nodes' ? playNodeLevel(nodes, slots) : subject === 'groups' ? playGroupLevel() : playFleet(nodes)
console.log(JSON.stringify(await played))
