import type { SignatureRow } from '../row.ts'
import { ADDON_ROWS } from './addons.ts'
import { AWS_NODE_ROWS } from './aws-node.ts'

export const ROWS: readonly SignatureRow[] = [...AWS_NODE_ROWS, ...ADDON_ROWS]
