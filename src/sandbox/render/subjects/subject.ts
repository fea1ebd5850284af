import type { Painter, View } from '../scene/view.ts'
import type { SceneSubject, SubjectKind } from '../scene-spec.ts'
import { createAnimal } from './animal.ts'
import { createBalloons } from './balloon.ts'
import { createBirds } from './bird.ts'
import { createBoats } from './boat.ts'
import { createButterflies } from './butterfly.ts'
import { createSideCar } from './car-side.ts'
import { createDolphins } from './dolphin.ts'
import { createPeople } from './person.ts'
import { createPlane } from './plane.ts'
import { createRocket } from './rocket.ts'
import { createTrain } from './train.ts'

/** One painter a kind. Cars and people of a street or a road are part of it and are not drawn here. */
const painters: Readonly<Record<SubjectKind, (view: View, subject: SceneSubject) => Painter>> = {
  fox: (view, subject) => createAnimal(view, 'fox', subject),
  wolf: (view, subject) => createAnimal(view, 'wolf', subject),
  dog: (view, subject) => createAnimal(view, 'dog', subject),
  cat: (view, subject) => createAnimal(view, 'cat', subject),
  horse: (view, subject) => createAnimal(view, 'horse', subject),
  deer: (view, subject) => createAnimal(view, 'deer', subject),
  bird: createBirds,
  person: createPeople,
  car: createSideCar,
  boat: createBoats,
  balloon: createBalloons,
  train: createTrain,
  plane: createPlane,
  rocket: createRocket,
  dolphin: createDolphins,
  butterfly: createButterflies,
}

export function createSubject(view: View, subject: SceneSubject): Painter {
  return painters[subject.kind](view, subject)
}
