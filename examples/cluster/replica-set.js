// For mongosh: makes mongo-1..3 one replica set, and the user of authctl. May be run again.
const fs = require('node:fs')

const secret = (name) => fs.readFileSync(`/run/secrets/${name}`, 'utf8').trim()
const root = encodeURIComponent(secret('mongo_root_password'))
const hosts = ['mongo-1:27017', 'mongo-2:27017', 'mongo-3:27017']
const options = 'tls=true&tlsCAFile=/run/secrets/mongo_ca&authSource=admin'

/** The first server restarts once after it has made its root user. */
const connect = (uri, until = Date.now() + 120_000) => {
  for (;;) {
    try {
      return new Mongo(uri)
    } catch (error) {
      if (Date.now() > until) throw error
      sleep(1000)
    }
  }
}

const first = connect(`mongodb://root:${root}@${hosts[0]}/?directConnection=true&${options}`)
try {
  first.getDB('admin').runCommand({
    replSetInitiate: { _id: 'rs0', members: hosts.map((host, _id) => ({ _id, host })) },
  })
} catch (error) {
  if (error.codeName !== 'AlreadyInitialized') throw error
}

const cluster = connect(`mongodb://root:${root}@${hosts.join(',')}/?replicaSet=rs0&${options}`)
const database = cluster.getDB('authctl')
if (database.getUser('authctl') === null) {
  database.createUser({
    user: 'authctl',
    pwd: secret('mongo_password'),
    roles: [
      { role: 'readWrite', db: 'authctl' },
      { role: 'dbAdmin', db: 'authctl' },
    ],
  })
}
print('the replica set is ready')
