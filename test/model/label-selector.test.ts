import { describe, expect, it } from 'vitest'
import { labelsMatch, parseLabelSelector } from '../../src/model/label-selector.ts'

/** Selectors of nodes as people type them after `kubectl get nodes -l`. */

const LABELS = { role: 'db', 'topology.kubernetes.io/zone': 'eu-1a' }

describe('a label selector', () => {
  it.each([
    { text: 'role', matches: true },
    { text: '!role', matches: false },
    { text: '!gpu', matches: true },
    { text: 'role=db', matches: true },
    { text: 'role == db', matches: true },
    { text: 'role=web', matches: false },
    { text: 'role!=web', matches: true },
    { text: 'gpu!=yes', matches: true },
    { text: 'role in (web, db)', matches: true },
    { text: 'role notin (web, db)', matches: false },
    { text: 'role=db,topology.kubernetes.io/zone in (eu-1b,eu-1c)', matches: false },
    { text: 'role in (db,web),topology.kubernetes.io/zone=eu-1a', matches: true },
    { text: 'role=', matches: false },
  ])('$text: $matches', ({ text, matches }) => {
    expect(labelsMatch(text, LABELS)).toBe(matches)
  })

  it.each(['', 'role=db,', 'role in db', 'in (db)', 'role=a=b', '*', 'app-*', 'role db'])('`%s` is none', (text) => {
    expect(parseLabelSelector(text)).toBeUndefined()
    expect(labelsMatch(text, LABELS)).toBe(false)
  })
})
