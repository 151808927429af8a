import { copyFileSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './sources.ts'

const FROM: Readonly<Record<string, readonly [file: string, as: string][]>> = {
  'node_modules/swagger-ui-dist': [
    ['swagger-ui.css', 'swagger-ui.css'],
    ['swagger-ui-bundle.js', 'swagger-ui-bundle.js'],
    ['favicon-32x32.png', 'favicon-32x32.png'],
    ['LICENSE', 'swagger-ui.LICENSE'],
  ],
  'node_modules/redoc': [
    ['bundles/redoc.standalone.js', 'redoc.standalone.js'],
    ['LICENSE', 'redoc.LICENSE'],
  ],
}

const OWN = 'daemon/http/docs-assets'

/** Copies what the documentation pages load into `dist/docs-assets`, so that the daemon serves them without a network. */
const copyDocsAssets = (): void => {
  const target = join(ROOT, 'dist/docs-assets')
  mkdirSync(target, { recursive: true })
  for (const [folder, files] of Object.entries(FROM)) {
    for (const [file, as] of files) copyFileSync(join(ROOT, folder, file), join(target, as))
  }
  for (const file of readdirSync(join(ROOT, OWN))) copyFileSync(join(ROOT, OWN, file), join(target, file))
}

copyDocsAssets()
