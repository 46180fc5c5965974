// The style sheet is all there is.
export default function () {}
