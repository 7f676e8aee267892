/** The candidate closest to a mistyped word, or undefined when none is close enough to be a likely slip. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const allowed = Math.max(1, Math.floor(word.length / 3))
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter((entry) => entry.distance <= allowed)
    .sort((a, b) => a.distance - b.distance || a.candidate.localeCompare(b.candidate, 'en'))
  return ranked[0]?.candidate
}

/** Damerau–Levenshtein distance (optimal string alignment): a swap of neighbours counts as one slip. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, index) => index)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) row.push(cell(a, b, rows, row, i, j))
    rows.push(row)
  }
  return rows[a.length]?.[b.length] ?? 0
}

function cell(a: string, b: string, rows: number[][], row: number[], i: number, j: number): number {
  const above = rows[i - 1] ?? []
  const same = a[i - 1] === b[j - 1]
  const best = Math.min((above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (above[j - 1] ?? 0) + (same ? 0 : 1))
  const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
  return swapped ? Math.min(best, (rows[i - 2]?.[j - 2] ?? 0) + 1) : best
}
