/** Something a person can mend: one sentence of what is wrong and one of what to do. Commands print it and exit with 1. */
export class Failure extends Error {
  constructor(problem, remedy, options) {
    super(`${problem} ${remedy}`, options);
    this.name = "Failure";
  }
}
