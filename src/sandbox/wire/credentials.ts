/** The only credentials the sandbox knows. They are no secret: the example keys of the AWS documentation. */
export const SANDBOX_CREDENTIALS = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
} as const
