import { setFlagsFromString } from 'node:v8'

// By itself V8 lets the old space grow to more than three times of what is alive before it collects. A rehearsal makes
// garbage all the time: docs/decisions/0004-heap-growth.md.
setFlagsFromString('--heap-growing-percent=80')
