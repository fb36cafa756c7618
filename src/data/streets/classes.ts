/** CamVid's twelve classes in CamVid's order: a mask of `streets` holds the index of its pixel's class. */
export const streetsClasses = [
  "Sky",
  "Building",
  "Pole",
  "Road",
  "Sidewalk",
  "Tree",
  "Sign",
  "Fence",
  "Car",
  "Pedestrian",
  "Cyclist",
  "Void",
] as const;

export const SKY = 0;
export const BUILDING = 1;
export const POLE = 2;
export const ROAD = 3;
export const SIDEWALK = 4;
export const TREE = 5;
export const SIGN = 6;
export const FENCE = 7;
export const CAR = 8;
export const PEDESTRIAN = 9;
export const CYCLIST = 10;
export const VOID = 11;
