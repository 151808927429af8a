import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './sources.ts'

const FROM: Readonly<Record<string, readonly [file: string, as: string][]>> = {
  'node_modules/swagger-ui-dist': [
    ['swagger-ui.css', 'swagger-ui.css'],
    ['swagger-ui-bundle.js', 'swagger-ui-bundle.js'],
    ['favicon-32x32.png', 'favicon-32x32.png'],
    ['LICENSE', 'swagger-ui.LICENSE'],
  ],
  'node_modules/redoc': [['LICENSE', 'redoc.LICENSE']],
}

const OWN = 'daemon/http/docs-assets'

/** ReDoc's one remote image, and the empty picture that takes its place. */
const REMOTE_LOGO = 'https://cdn.redoc.ly/redoc/logo-mini.svg'
const EMPTY_PICTURE = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>"

const copyRedoc = (target: string): void => {
  const bundle = readFileSync(join(ROOT, 'node_modules/redoc/bundles/redoc.standalone.js'), 'utf8')
  if (!bundle.includes(REMOTE_LOGO))
    throw new Error('ReDoc no longer names its remote logo: look at what it loads now')
  writeFileSync(join(target, 'redoc.standalone.js'), bundle.replaceAll(REMOTE_LOGO, EMPTY_PICTURE))
}

/** Copies what the documentation pages load into `dist/docs-assets`, so that the daemon serves them without a network. */
const copyDocsAssets = (): void => {
  const target = join(ROOT, 'dist/docs-assets')
  mkdirSync(target, { recursive: true })
  for (const [folder, files] of Object.entries(FROM)) {
    for (const [file, as] of files) copyFileSync(join(ROOT, folder, file), join(target, as))
  }
  copyRedoc(target)
  for (const file of readdirSync(join(ROOT, OWN))) copyFileSync(join(ROOT, OWN, file), join(target, file))
}

copyDocsAssets()
