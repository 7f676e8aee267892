import type { SignatureRow } from '../row.ts'
import { ADDON_ROWS } from './addons.ts'
import { ADMISSION_ROWS } from './admission.ts'
import { AWS_NODE_ROWS } from './aws-node.ts'
import { INTERFACE_ROWS } from './interfaces.ts'
import { POD_NETWORK_ROWS } from './pod-network.ts'
import { POD_ROWS } from './pods.ts'

export const ROWS: readonly SignatureRow[] = [
  ...AWS_NODE_ROWS,
  ...ADDON_ROWS,
  ...ADMISSION_ROWS,
  ...POD_ROWS,
  ...POD_NETWORK_ROWS,
  ...INTERFACE_ROWS,
]
