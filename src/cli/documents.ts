import { isAbsolute, join } from 'node:path'
import { SerinError } from '../errors/serin-error.ts'
import type { PreflightResult } from '../model/finding.ts'
import type { Itinerary } from '../model/itinerary.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { type LoadedPlan, loadPlan } from '../plan/load.ts'
import { parseItinerary, parsePreflight, parseSnapshot } from '../report/documents.ts'
import type { Io } from './io.ts'

/** Documents read from files. Each throws SerinError: FILE_UNREADABLE, PLAN_INVALID or DOCUMENT_INVALID. */

export function loadPlanFile(io: Io, path: string): LoadedPlan {
  return loadPlan({ read: (file) => io.readFile(absolute(io, file)) }, path)
}

export function loadSnapshotFile(io: Io, path: string): ClusterSnapshot {
  return parseSnapshot(io.readFile(absolute(io, path)), path)
}

export function loadItineraryFile(io: Io, path: string): Itinerary {
  return parseItinerary(io.readFile(absolute(io, path)), path)
}

/** What `serin preflight -o json` wrote. */
export function loadPreflightFile(io: Io, path: string): PreflightResult {
  return parsePreflight(io.readFile(absolute(io, path)), path)
}

/** Whether a file is an itinerary rather than a plan: JSON of that kind. */
export function isItineraryFile(io: Io, path: string): boolean {
  return /^\s*\{/.test(io.readFile(absolute(io, path)))
}

/** Writes a document for somebody to read; the path is relative to where the command was typed. */
export function writeDocument(io: Io, path: string, text: string | Iterable<string>): void {
  io.writeFile(absolute(io, path), text)
}

export function absolute(io: Io, path: string): string {
  if (path === '') throw new SerinError('USAGE', 'A file name is empty.')
  return isAbsolute(path) ? path : join(io.cwd, path)
}
